package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// maxAnswer bounds what is read of one answer.
const maxAnswer = 64 << 20

const mediaType = "application/vnd.schemaregistry.v1+json"

// request is one call of the API.
type request struct {
	method, path string
	query        url.Values
	body         any  // nil: none
	once         bool // carried out twice, it may do or answer something else
}

// call makes a request and reads the answer into out, which may be nil. A node that gives none, or is not ready, passes the
// request on to the next; when all have, they are asked again. The last one's error is returned.
func (c *Client) call(ctx context.Context, r request, out any) error {
	var payload []byte
	if r.body != nil {
		var err error
		if payload, err = json.Marshal(r.body); err != nil {
			return fmt.Errorf("writing the request: %w", err)
		}
	}
	path := r.path
	if len(r.query) > 0 {
		path += "?" + r.query.Encode()
	}
	rounds := cmp.Or(c.cfg.Retries, 2)
	for round := 0; ; round++ {
		answer, err := c.round(ctx, r, path, payload)
		switch {
		case err == nil && out == nil:
			return nil
		case err == nil:
			if err := json.Unmarshal(answer, out); err != nil {
				return fmt.Errorf("reading the registry's answer to %s %s: %w", r.method, path, err)
			}
			return nil
		case round >= rounds || !r.repeatable(err) || c.pause(ctx, round, err) != nil:
			return err
		}
	}
}

func (r *request) repeatable(err error) bool { return Retriable(err) && (!r.once || untouched(err)) }

// round asks the nodes, from the one that answered last.
func (c *Client) round(ctx context.Context, r request, path string, payload []byte) (answer []byte, err error) {
	start := c.first.Load()
	for i := range c.nodes {
		at := (int(start) + i) % len(c.nodes)
		if answer, err = c.ask(ctx, c.nodes[at], r.method, path, payload); err == nil {
			c.first.Store(uint32(at))
			return answer, nil
		}
		if !r.repeatable(err) || ctx.Err() != nil {
			break
		}
	}
	return nil, err
}

// pause waits before the nodes are asked again, as long as the registry wants or else twice as long as the time before.
func (c *Client) pause(ctx context.Context, round int, err error) error {
	most := cmp.Or(c.cfg.RetryMaxWait, 10*time.Second)
	wait := min(cmp.Or(c.cfg.RetryWait, 100*time.Millisecond)<<min(round, 20), most)
	if wait > 1 {
		wait = wait/2 + rand.N(wait/2)
	}
	if e, ok := asError(err); ok && e.after > 0 {
		wait = min(e.after, most)
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Client) ask(ctx context.Context, n node, method, path string, payload []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.cfg.Timeout, 30*time.Second))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, n.base+path, bytes.NewReader(payload))
	if err != nil {
		return nil, fmt.Errorf("making the request: %w", err)
	}
	for k, v := range c.cfg.Headers {
		req.Header.Set(k, v)
	}
	req.Header.Set("Accept", mediaType)
	req.Header.Set("User-Agent", cmp.Or(c.cfg.UserAgent, "millrace"))
	if len(payload) > 0 {
		req.Header.Set("Content-Type", mediaType)
	}
	switch {
	case c.cfg.Token != nil:
		token, err := c.cfg.Token(ctx)
		if err != nil {
			return nil, fmt.Errorf("getting a token for the schema registry: %w", err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
	case c.cfg.BearerToken != "":
		req.Header.Set("Authorization", "Bearer "+c.cfg.BearerToken)
	case n.user != "" || n.pass != "":
		req.SetBasicAuth(n.user, n.pass)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, &TransportError{fmt.Errorf("reaching the schema registry: %w", err)}
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, &TransportError{fmt.Errorf("reading from the schema registry: %w", err)}
	}
	if len(answer) > maxAnswer {
		return nil, fmt.Errorf("%w: %s %s is answered with more than %d bytes", ErrTooLong, method, path, maxAnswer)
	}
	if resp.StatusCode/100 != 2 {
		return nil, refusal(resp, answer)
	}
	return answer, nil
}

func refusal(resp *http.Response, answer []byte) *Error {
	e := &Error{Status: resp.StatusCode, Code: resp.StatusCode}
	var said struct {
		Code    int    `json:"error_code"`
		Message string `json:"message"`
	}
	if json.Unmarshal(answer, &said) == nil && said.Code != 0 {
		e.Code, e.Message = said.Code, said.Message
	}
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
		e.after = time.Duration(min(s, 3600)) * time.Second
	}
	return e
}
