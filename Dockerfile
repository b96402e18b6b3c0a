# The site, for compose.yaml. Fetch and prepare once, then run as a user without rights.
FROM python:3.12-slim
WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY src src
RUN pip install --no-cache-dir --constraint constraints.txt '.[site,onnx]' \
 && useradd --create-home --uid 1000 site \
 && install --directory --owner site /data
USER site
ENV ROOMTONE_SITE_FOLDER=/data ROOMTONE_CACHE=/data/cache
CMD ["granian", "roomtone_site.config.wsgi:application", "--interface", "wsgi", "--no-ws", \
     "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "4", \
     "--backpressure", "64", "--respawn-failed-workers"]
