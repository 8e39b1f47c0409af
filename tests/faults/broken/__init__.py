"""Programs that break a promise on purpose, one each: the fault tests have to catch them."""
