"""The language of scenario files beyond columns: populations, projections, inputs, learning rules, events."""
