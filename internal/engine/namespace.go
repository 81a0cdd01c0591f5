package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/types/known/durationpb"
)

// Retention is how long closed workflows stay readable in a namespace that
// this program registers.
const Retention = 30 * 24 * time.Hour

// Prepare registers the namespace and the search attributes where they are
// missing, and waits until the attributes can be used. Doing it again, or
// twice at once, changes nothing.
func Prepare(ctx context.Context, c client.Client, namespace string, attributes ...temporal.SearchAttributeKey) error {
	if err := registerNamespace(ctx, c, namespace); err != nil {
		return fmt.Errorf("namespace %s: %w", namespace, err)
	}
	return retry(ctx, func() error {
		known, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
		if err != nil {
			return err
		}
		missing := map[string]enumspb.IndexedValueType{}
		for _, a := range attributes {
			if _, ok := known.GetCustomAttributes()[a.GetName()]; !ok {
				missing[a.GetName()] = a.GetValueType()
			}
		}
		if len(missing) > 0 {
			if err := addAttributes(ctx, c, namespace, missing); err != nil {
				return err
			}
		}
		return usable(ctx, c, namespace, attributes)
	})
}

func registerNamespace(ctx context.Context, c client.Client, namespace string) error {
	return retry(ctx, func() error {
		_, err := c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
		var missing *serviceerror.NamespaceNotFound
		if !errors.As(err, &missing) {
			return err
		}
		_, err = c.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
			Namespace: namespace, WorkflowExecutionRetentionPeriod: durationpb.New(Retention),
		})
		var exists *serviceerror.NamespaceAlreadyExists
		if errors.As(err, &exists) {
			return nil
		}
		return err
	})
}

func addAttributes(ctx context.Context, c client.Client, namespace string, missing map[string]enumspb.IndexedValueType) error {
	_, err := c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: namespace, SearchAttributes: missing,
	})
	var exists *serviceerror.AlreadyExists
	if errors.As(err, &exists) {
		return nil
	}
	return err
}

// usable asks a question with each attribute: the server's caches lag behind
// a registration by seconds.
func usable(ctx context.Context, c client.Client, namespace string, attributes []temporal.SearchAttributeKey) error {
	for _, a := range attributes {
		_, err := c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: namespace, PageSize: 1, Query: a.GetName() + " is null",
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// retry repeats a step until it succeeds or the context ends. A server that
// does not let us in will not do so later either.
func retry(ctx context.Context, step func() error) error {
	for {
		err := step()
		var denied *serviceerror.PermissionDenied
		if err == nil || errors.As(err, &denied) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}
