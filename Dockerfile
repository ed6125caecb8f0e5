# Builds the program with its compiler, then keeps what runs: production packages (the embedded PostgreSQL among them), the
# emitted JavaScript and the migrations.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No install script of a package needs to run, so none may: what they would do (links for PostgreSQL) Hakika does itself.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 HAKIKA_DATA_DIR=/data
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY bin ./bin
COPY migrations ./migrations
# The image's own user without rights (uid 1000); PostgreSQL refuses to run as root anyway.
USER node
VOLUME /data
EXPOSE 8080
# A database that recovers from a crash is waited for; liveness does not depend on it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then(answer => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# node itself, not npm: SIGTERM must reach the program. It drains for up to 30 s and then stops its database, so give it more
# than Docker's 10 s: docker stop --time 60.
CMD ["node", "bin/hakika.js", "start"]
