"""Who may do what: accounts, credentials and the policy."""
