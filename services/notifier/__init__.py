"""The notifier: an inbox, a schedule, a mailbox. It reminds offices before a deadline passes."""
