"""How data gets its shape, and something to look at.

`versions/` holds numbered files with one `up(database)` each. They promise to be
idempotent (running one twice changes nothing more), forward only (undoing is a new
version or a restored backup), frozen (no import of chatapp, never edited once
released) and to do large rewrites in batches that can stop and resume.
"""
