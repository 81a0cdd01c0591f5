package worker

import "errors"

var errDown = errors.New("not now")
