"""Calendars of a contract and of its logins (R28): iCalendar text in rows, read and expanded by libraries."""
