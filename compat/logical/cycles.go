package logical

// Cycles returns the nodes that lead back to themselves, of those that roots lead to: Tarjan's strongly connected components,
// without recursion and in time linear in the edges.
func Cycles[N comparable](roots []N, next func(N) []N) map[N]bool {
	c := &components[N]{next: next, index: map[N]int{}, low: map[N]int{}, on: map[N]bool{}, out: map[N]bool{}}
	for _, n := range roots {
		if _, seen := c.index[n]; !seen {
			c.walk(n)
		}
	}
	return c.out
}

type components[N comparable] struct {
	next       func(N) []N
	index, low map[N]int
	stack      []N
	on         map[N]bool
	out        map[N]bool
}

// visit is a node whose successors are being looked at.
type visit[N comparable] struct {
	node N
	rest []N
}

func (c *components[N]) enter(n N) visit[N] {
	c.index[n] = len(c.index)
	c.low[n] = c.index[n]
	c.stack = append(c.stack, n)
	c.on[n] = true
	return visit[N]{n, c.next(n)}
}

func (c *components[N]) walk(root N) {
	visits := []visit[N]{c.enter(root)}
	for len(visits) > 0 {
		v := &visits[len(visits)-1]
		if len(v.rest) == 0 {
			n := v.node
			if visits = visits[:len(visits)-1]; len(visits) > 0 {
				above := visits[len(visits)-1].node
				c.low[above] = min(c.low[above], c.low[n])
			}
			c.leave(n)
			continue
		}
		to := v.rest[0]
		v.rest = v.rest[1:]
		switch _, seen := c.index[to]; {
		case to == v.node:
			c.out[to] = true
		case !seen:
			visits = append(visits, c.enter(to))
		case c.on[to]:
			c.low[v.node] = min(c.low[v.node], c.index[to])
		}
	}
}

// leave ends a component at its first node.
func (c *components[N]) leave(n N) {
	if c.low[n] != c.index[n] {
		return
	}
	several := c.stack[len(c.stack)-1] != n
	for {
		top := c.stack[len(c.stack)-1]
		c.stack = c.stack[:len(c.stack)-1]
		c.on[top] = false
		if several {
			c.out[top] = true
		}
		if top == n {
			return
		}
	}
}
