package client

import (
	"context"
	"errors"
	"net/url"
)

// ErrTooLong is an answer that is longer than what the Client reads of one.
var ErrTooLong = errors.New("the answer is too long")

// Do makes a request that the Client has no method for, again where it may succeed later. body and out are JSON; both may be nil.
// Answers are not cached.
func (c *Client) Do(ctx context.Context, method, path string, query url.Values, body, out any) error {
	return c.call(ctx, request{method: method, path: path, query: query, body: body}, out)
}

// PathSegment escapes a subject, or a context as :.name:, for a path.
func PathSegment(subject string) string { return segment(subject) }
