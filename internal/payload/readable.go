package payload

import (
	"reflect"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/sdk/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"
)

// readable tells which values cross unencrypted: see the package comment.
func readable(value any, p *commonpb.Payload) bool {
	switch value.(type) {
	case string, workflow.Version:
		return true
	case converter.RawValue:
		return string(p.GetMetadata()[converter.MetadataMessageType]) == metadataAnswer
	}
	return sdkMarker(reflect.TypeOf(value))
}

// metadataAnswer is the message the SDK answers __temporal_workflow_metadata
// with: handler names, descriptions and the current details.
var metadataAnswer = string((&sdk.WorkflowMetadata{}).ProtoReflect().Descriptor().FullName())

// readableInto tells into which values of the SDK's own a payload is read that
// is not encrypted.
func readableInto(valuePtr any) bool {
	switch valuePtr.(type) {
	case *string, *workflow.Version, *sdk.WorkflowMetadata:
		return true
	}
	t := reflect.TypeOf(valuePtr)
	return t != nil && t.Kind() == reflect.Pointer && sdkMarker(t.Elem())
}

func isNil(p *commonpb.Payload) bool {
	return string(p.GetMetadata()[converter.MetadataEncoding]) == converter.MetadataEncodingNil
}

// sdkMarker knows the marker of a local activity (activity's id and type,
// attempt, time), which is all that names it in the Temporal UI. Results and
// failures of the activity stand beside it and are encrypted.
func sdkMarker(t reflect.Type) bool {
	return t != nil && t.PkgPath() == "go.temporal.io/sdk/internal" && t.Name() == "localActivityMarkerData"
}
