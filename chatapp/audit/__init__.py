"""Who did what, when and from where. Written once, never changed, without what people said."""
