# The web process: Django under gunicorn. No torch, no MONAI, nothing that computes.
#   docker build --file docker/web.Dockerfile --tag second-look-web .

FROM node:24-slim AS assets
WORKDIR /assets
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim AS packages
COPY requirements/web.txt /requirements.txt
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --no-deps --requirement /requirements.txt \
    && /venv/bin/pip check

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home --home-dir /home/clinic clinic \
    && install --directory --owner clinic --group clinic /srv/clinic /srv/clinic/var
WORKDIR /srv/clinic
COPY --from=packages /venv /venv
COPY --from=assets /assets/node_modules node_modules
COPY . .
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production
# The key signs nothing here: collectstatic needs settings that load.
RUN SECRET_KEY=for-this-build-step-only ALLOWED_HOSTS=localhost STATIC_ROOT=/srv/clinic/static-files \
    python manage.py collectstatic --no-input --verbosity 0 \
    && rm -rf node_modules
ENV STATIC_ROOT=/srv/clinic/static-files
USER clinic
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
    CMD ["python", "docker/healthy.py"]
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", \
     "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--max-requests", "2000", \
     "--max-requests-jitter", "200", "--no-control-socket", \
     "--worker-tmp-dir", "/dev/shm", "--access-logfile", "-"]
