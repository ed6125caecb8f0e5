# NODE_IMAGE: Node's official image by its digest, node:24-slim@sha256:... There is no default: a tag names other bytes
# next week, and a digest written here would go without its security updates. docs/operating.md says how to look the
# digest up.
ARG NODE_IMAGE

# Packages as the lock file has them, each checked against its SHA-512; none may run an install script.
FROM $NODE_IMAGE AS packages
ARG NODE_IMAGE
RUN ["node", "-e", "if (!/@sha256:[0-9a-f]{64}$/.test(process.env.NODE_IMAGE)) throw new Error('NODE_IMAGE must end in a digest: node:24-slim@sha256:...')"]
WORKDIR /app
COPY package.json package-lock.json ./
COPY client/package.json ./client/
RUN npm ci --omit=dev --ignore-scripts

FROM packages AS build
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY bin ./bin
COPY src ./src
RUN node bin/build.js

# Runs the program: production packages (the embedded PostgreSQL among them), the bundle, the migrations. No
# compiler, no package manager. A shell is left: PostgreSQL's initdb starts its server through it.
FROM $NODE_IMAGE
ARG NODE_IMAGE
LABEL org.opencontainers.image.title="hakika" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="${NODE_IMAGE}"
RUN rm -rf /usr/local/lib/node_modules /usr/local/include/node /opt/yarn-* \
      /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg \
 && mkdir /data && chown 1000:1000 /data
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 HAKIKA_DATA_DIR=/data
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY bin/hakika.js ./bin/
COPY migrations ./migrations
# The base image's account without rights (node), by number so that Kubernetes' runAsNonRoot can check it. It writes
# below /data alone, so the root filesystem may be read-only.
USER 1000:1000
VOLUME /data
EXPOSE 8080
# Starting includes waiting for a database that recovers from a crash; liveness does not depend on it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then(answer => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# SIGTERM drains for up to 30 s, then stops the database: Docker's 10 s are too short (docker stop --time 60).
STOPSIGNAL SIGTERM
# node itself, without the base image's shell script in between, so that signals reach the program.
ENTRYPOINT ["node", "bin/hakika.js"]
CMD ["start"]
