package logical

import (
	"math/rand/v2"
	"testing"
)

// TestCycles compares with what following every edge finds.
func TestCycles(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 2000 {
		n := 1 + r.IntN(7)
		edges := make([][]int, n)
		for i := range edges {
			for range r.IntN(4) {
				edges[i] = append(edges[i], r.IntN(n))
			}
		}
		var roots []int
		for i := range n {
			roots = append(roots, i)
		}
		got := Cycles(roots, func(i int) []int { return edges[i] })
		for i := range n {
			seen := map[int]bool{}
			for stack := append([]int(nil), edges[i]...); len(stack) > 0; {
				at := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				if !seen[at] {
					seen[at] = true
					stack = append(stack, edges[at]...)
				}
			}
			if got[i] != seen[i] {
				t.Fatalf("%v: node %d is %v, want %v", edges, i, got[i], seen[i])
			}
		}
	}
}
