# The command line for pipelines, as the packed file installs it, on an image without a shell:
#   docker run --rm -v "$PWD:/work" IMAGE validate policies
# The same bytes each time: both images given with their digests, SOURCE_DATE_EPOCH, and an output with rewrite-timestamp=true.
ARG BUILD_IMAGE=node:20.20.2-bookworm-slim
ARG RUN_IMAGE=gcr.io/distroless/nodejs20-debian12:nonroot

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build \
  && npm pack --ignore-scripts --pack-destination /tmp \
  && npm install --prefix /app --offline --ignore-scripts /tmp/tagsweep-cli-*.tgz

FROM ${RUN_IMAGE}
COPY --from=build /app/node_modules/@tagsweep/cli /app
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["/nodejs/bin/node", "/app/bin/tagsweep.js"]
CMD ["--help"]
