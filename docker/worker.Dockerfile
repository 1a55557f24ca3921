# The worker and beat: what runs the models. One process computes; start more containers for more.
#   docker build --file docker/worker.Dockerfile --tag second-look-worker .
# What trains models as well (docs/retraining.md): --build-arg REQUIREMENTS=train
# and, because an image has no checkout to ask: --build-arg CODE_REVISION=$(git rev-parse HEAD)
# Plain `pip install torch` brings the CUDA build on Linux. For a worker without a GPU name PyTorch's
# CPU packages: --build-arg PIP_EXTRA_INDEX_URL=...

FROM python:3.11-slim AS packages
ARG PIP_EXTRA_INDEX_URL=
ARG REQUIREMENTS=worker
COPY requirements/${REQUIREMENTS}.txt /requirements.txt
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir torch==2.13.0 \
    && /venv/bin/pip install --no-cache-dir --no-deps --requirement /requirements.txt \
    && /venv/bin/pip check

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home --home-dir /home/clinic clinic \
    && install --directory --owner clinic --group clinic /srv/clinic /srv/clinic/var
WORKDIR /srv/clinic
COPY --from=packages /venv /venv
COPY . .
ARG CODE_REVISION=
# glibc keeps freed memory: returning each batch's memory costs torch a third of its CPU speed.
ENV PATH=/venv/bin:$PATH \
    CODE_REVISION=${CODE_REVISION} \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_MMAP_THRESHOLD_=33554432 \
    MALLOC_TRIM_THRESHOLD_=1073741824 \
    DJANGO_SETTINGS_MODULE=config.settings.production
USER clinic
HEALTHCHECK --interval=30s --timeout=20s --start-period=60s --retries=3 \
    CMD ["sh", "-c", "celery --app config.celery inspect ping --destination worker@$HOSTNAME --timeout 10"]
CMD ["celery", "--app", "config.celery", "worker", "--hostname", "worker@%h", "--pool", "prefork", \
     "--concurrency", "1", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
