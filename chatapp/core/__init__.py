"""What every feature stands on: time, text, errors, events, storage. Knows no Flask."""
