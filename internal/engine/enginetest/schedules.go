package enginetest

import (
	"context"
	"maps"

	schedulepb "go.temporal.io/api/schedule/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
)

// Schedules are those made so far, as they are now.
func (s *Server) Schedules() map[string]*schedulepb.Schedule {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.schedules)
}

// CreateSchedule takes a schedule once.
func (s *Server) CreateSchedule(_ context.Context, in *workflowservice.CreateScheduleRequest) (*workflowservice.CreateScheduleResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.schedules[in.GetScheduleId()]; ok {
		return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("it exists", "", "")
	}
	s.schedules[in.GetScheduleId()] = in.GetSchedule()
	return &workflowservice.CreateScheduleResponse{}, nil
}

// DescribeSchedule tells of a schedule that was made.
func (s *Server) DescribeSchedule(_ context.Context, in *workflowservice.DescribeScheduleRequest) (*workflowservice.DescribeScheduleResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	schedule, ok := s.schedules[in.GetScheduleId()]
	if !ok {
		return nil, serviceerror.NewNotFound("no such schedule")
	}
	return &workflowservice.DescribeScheduleResponse{Schedule: schedule, Info: &schedulepb.ScheduleInfo{}}, nil
}

// UpdateSchedule replaces a schedule.
func (s *Server) UpdateSchedule(_ context.Context, in *workflowservice.UpdateScheduleRequest) (*workflowservice.UpdateScheduleResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.schedules[in.GetScheduleId()] = in.GetSchedule()
	return &workflowservice.UpdateScheduleResponse{}, nil
}

// PollWorkflowTaskQueue has no task for anybody.
func (s *Server) PollWorkflowTaskQueue(ctx context.Context, _ *workflowservice.PollWorkflowTaskQueueRequest) (*workflowservice.PollWorkflowTaskQueueResponse, error) {
	<-ctx.Done()
	return &workflowservice.PollWorkflowTaskQueueResponse{}, nil
}

// PollActivityTaskQueue has no task for anybody.
func (s *Server) PollActivityTaskQueue(ctx context.Context, _ *workflowservice.PollActivityTaskQueueRequest) (*workflowservice.PollActivityTaskQueueResponse, error) {
	<-ctx.Done()
	return &workflowservice.PollActivityTaskQueueResponse{}, nil
}
