# The gradcam command with the service and the workers of a fleet: docs/fleet.md.
# Built from a clone: docker build -t gradcam .

FROM node:22-bookworm-slim AS build
WORKDIR /gradcam
COPY . .
RUN npm ci --no-audit --no-fund && npm run build && npm prune --omit=dev

FROM node:22-bookworm-slim
COPY --from=build /gradcam /gradcam
RUN ln -s /gradcam/packages/cli/bin/gradcam.mjs /usr/local/bin/gradcam \
  && mkdir -p /data && chown node:node /data
USER node
WORKDIR /data
# SIGTERM reaches the command itself, which then gives its jobs back or drains its requests.
ENTRYPOINT ["gradcam"]
CMD ["--help"]
