"""The Celery app. Rows in the database are the truth; a message is only a doorbell."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")

app = Celery("second-look")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
