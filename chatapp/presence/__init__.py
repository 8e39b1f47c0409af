"""Who is there, who was there a while ago: in every process, and after a crash."""
