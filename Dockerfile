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
# What `issuance version` tells; the source comes without its history.
ARG VERSION=""
ARG COMMIT=""
ARG DATE=""
ARG CLI=github.com/remote-issuance/remote-issuance/internal/cli
RUN GOWORK=off CGO_ENABLED=${CGO} go build -trimpath -tags "${TAGS}" -o /issuance \
    -ldflags="-s -w -X ${CLI}.stampedVersion=${VERSION} -X ${CLI}.stampedCommit=${COMMIT} -X ${CLI}.stampedDate=${DATE}" ./cmd/issuance

FROM gcr.io/distroless/base-debian12:nonroot
COPY --from=build /issuance /issuance
USER nonroot:nonroot
EXPOSE 8080 8081 9090
ENTRYPOINT ["/issuance"]
