"""Who people are: the workspace, its accounts, and their sign-in sessions."""
