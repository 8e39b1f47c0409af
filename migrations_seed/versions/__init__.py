"""One file a version; see the package above for what they promise."""
