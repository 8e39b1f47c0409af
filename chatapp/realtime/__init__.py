"""The one socket namespace: who may come in, what may be asked, who is told."""
