# Tactus in a container: Node 24, no build step, an ordinary user. The database is DATABASE_URL, or the embedded one in
# /data where none is set.
FROM node:24-bookworm-slim
ENV NODE_ENV=production TACTUS_DATA=/data HOST=0.0.0.0 TACTUS_INSECURE_LISTEN=1
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force
COPY bin bin
COPY src src
COPY mappings mappings
COPY profiles/generated profiles/generated
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# The young heap is kept small (docs/performance.md): a third less memory for a few per cent of CPU.
# Node itself and not npm, so that SIGTERM arrives and work in flight is finished or handed back.
CMD ["node", "--max-semi-space-size=16", "--heap-growing-percent=20", "src/main.ts"]
