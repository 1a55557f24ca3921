"""The Celery app. Rows in the database are the truth; a message is only a doorbell.

A worker needs DJANGO_SETTINGS_MODULE; nothing here chooses settings, because every process that
imports `config` would inherit the choice.
"""

from celery import Celery

app = Celery("second-look")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
