"""What attackers send, by the names THREATS.md gives: operators, JSON, Unicode, markup.

Written by ourselves, one entry for each idea; every entry has a name, so a failure reads well.
"""
