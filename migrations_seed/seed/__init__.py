"""Something to look at (`demo`) and something to measure with (`volume`)."""
