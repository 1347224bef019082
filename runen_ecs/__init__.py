"""An Entity-Component-System simulator of natural neural networks."""

from pkgutil import extend_path

# systems/ and scenarios/ lie beside this folder in a checkout and inside it where installed; this finds both.
__path__ = extend_path(__path__, __name__)

__version__ = "0.1.0"
