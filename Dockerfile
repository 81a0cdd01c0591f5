# syntax=docker/dockerfile:1
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
# Where modules come from, on machines that reach them through a proxy of their
# own only; empty means Go's default.
ARG GOPROXY=""
COPY go.mod go.sum ./
RUN GOWORK=off go mod download
COPY . .
# Keys in PKCS#11 tokens need cgo and the vendor's library: build with
# --build-arg TAGS=pkcs11 --build-arg CGO=1 and a base image that has it.
ARG TAGS=""
ARG CGO=0
RUN GOWORK=off CGO_ENABLED=${CGO} go build -trimpath -tags "${TAGS}" -ldflags="-s -w" -o /issuance ./cmd/issuance

FROM gcr.io/distroless/base-debian12:nonroot
COPY --from=build /issuance /issuance
USER nonroot:nonroot
EXPOSE 8080 9090
ENTRYPOINT ["/issuance"]
