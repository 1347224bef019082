"""The engine: Specs' World, Entity, Component, Storage, System, Dispatcher, Resource and LazyUpdate on esper."""
