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
RUN make build

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --home-dir /data --create-home vigie
COPY --from=build /src/bin/vigie /usr/local/bin/vigie
USER vigie
VOLUME /data
# Until accounts exist the server only listens on loopback: share the host's network, or reach it from inside.
ENTRYPOINT ["vigie"]
CMD ["serve", "--db", "/data/vigie.db"]
HEALTHCHECK --interval=30s --timeout=3s CMD ["vigie", "health"]
