"""What a process may remember, because nobody is told of a change before it has forgotten."""
