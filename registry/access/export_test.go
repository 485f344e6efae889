package access

import "time"

// Later makes a Control take what it did for done that much earlier.
func Later(c *Control, d time.Duration) {
	k := c.tokens.keys
	k.tried.Add(-int64(d))
	if known := k.keys.Load(); known != nil {
		k.keys.Store(&keysAt{known.list, known.at.Add(-d)})
	}
}
