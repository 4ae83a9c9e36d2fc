# The image of Composure: one static program and nothing else.
#
#     docker build -t composure:0.1.0 .
#
# Where the program is built already, its folder takes the place of the first stage, as in tests/image/build:
#
#     buildah bud --build-context program=FOLDER -t composure:0.1.0 .

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
# With glibc linked in; since 2.34 it resolves names without any library of the system. Naming the target keeps the
# flag away from build scripts and procedural macros, which can't be static.
RUN target="$(rustc -vV | sed -n 's/^host: //p')" \
 && RUSTFLAGS="-C target-feature=+crt-static" cargo build --release --locked --bin composure --target "$target" \
 && mkdir /program && cp "target/$target/release/composure" /program/

FROM scratch AS program
COPY --from=build /program/composure /composure

FROM scratch
LABEL org.opencontainers.image.title="composure" \
      org.opencontainers.image.description="Tells a contact-center agent the next best response to an upset customer." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0"
COPY --from=program /composure /composure
# Inside a container loopback reaches nobody.
ENV COMPOSURE_LISTEN=0.0.0.0:50051 COMPOSURE_ADMIN=0.0.0.0:9090
EXPOSE 50051 9090
USER 65532:65532
ENTRYPOINT ["/composure"]
CMD ["serve"]
