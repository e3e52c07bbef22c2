# The shim image: bart and nothing else.
#
# With Docker, from source, for any platform of the list without emulation:
#   docker build --platform linux/amd64,linux/arm64 --build-arg BUILD_ID=1.2.3 --build-arg REPOSITORY=HOST/NAME .
#
# From what `cargo xtask image` has built, without a base image and without a network:
#   buildah bud --build-context files=target/image --platform linux/amd64 .

FROM --platform=$BUILDPLATFORM rust:1.95-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates=* python3=* python3-venv=* \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /bart
COPY . .
RUN cargo xtask image --binaries
ARG BUILD_ID=
ARG REPOSITORY=
RUN printf 'BUILD_ID=%s\nREPOSITORY=%s\n' "$BUILD_ID" "$REPOSITORY" > target/image/common/env.vars

# What the image is made of: `cargo xtask image` lays it out.
FROM scratch AS files
COPY --from=build /bart/target/image /

FROM scratch
ARG TARGETARCH=amd64
ARG BUILD_ID=
ARG REPOSITORY=
COPY --from=files /common /
COPY --from=files /linux/${TARGETARCH} /
COPY --from=files --chown=65532:65532 --chmod=700 /cache /cache
USER 65532:65532
WORKDIR /
ENV PATH=/ \
    BART_CACHE_DIR=/cache \
    BART_IMAGE_BUILD_ID=${BUILD_ID} \
    BART_IMAGE_REPOSITORY=${REPOSITORY}
LABEL org.opencontainers.image.title="bart" \
    org.opencontainers.image.licenses="CC0-1.0" \
    org.opencontainers.image.version="${BUILD_ID}" \
    bart.build-id="${BUILD_ID}" \
    bart.repository="${REPOSITORY}"
EXPOSE 8080 9090
ENTRYPOINT ["/bart"]
CMD ["serve"]
