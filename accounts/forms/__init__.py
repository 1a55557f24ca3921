"""Forms of accounts that django-allauth does not have, or not like this."""
