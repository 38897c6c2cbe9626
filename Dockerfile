# Two stages: build everything, then the binary alone on a minimal Debian.
FROM golang:1.27-bookworm AS build

# Node comes from its own image: Debian 12 ships 18 and the front end needs 20.
COPY --from=node:20-bookworm-slim /usr/local /usr/local/node
ENV PATH=/usr/local/node/bin:$PATH
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc frontend/
RUN cd frontend && npm ci --no-audit --no-fund
COPY . .
# The history is not in the image: --build-arg VERSION=$(git describe --tags --always)
ARG VERSION=dev
# The stamp tells make that npm ci is done.
RUN mkdir -p .build && touch .build/npm.stamp && make build VERSION="$VERSION"

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /data --create-home vigie \
 && install -d -m 0700 -o vigie /keys
COPY --from=build /src/bin/vigie /usr/local/bin/vigie
USER vigie
# The journal's signing key is apart, so that back-ups of /data do not hold it.
VOLUME /data /keys
# Given at the start: VIGIE_CONTROLLER, VIGIE_DPIA_REFERENCE, VIGIE_PUBLIC_URL, and either
# VIGIE_TRUSTED_PROXY or VIGIE_TLS_CERT and VIGIE_TLS_KEY. Without them Vigie does not start.
ENV VIGIE_DB=/data/vigie.db VIGIE_JOURNAL_KEY=/keys/journal.key VIGIE_LISTEN=0.0.0.0:8080 VIGIE_LOG_FORMAT=json
EXPOSE 8080
ENTRYPOINT ["vigie"]
CMD ["serve"]
HEALTHCHECK --interval=30s --timeout=3s CMD ["vigie", "health"]
