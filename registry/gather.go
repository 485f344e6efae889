package registry

// Gather waits for the first of a queue and takes with it what waits there already, most in all, so that all of them share one
// step of work. It returns nothing when ended is closed before one comes.
func Gather[T any](queue <-chan T, ended <-chan struct{}, most int) []T {
	var all []T
	select {
	case one := <-queue:
		all = append(all, one)
	case <-ended:
		return nil
	}
	for len(all) < most {
		select {
		case one := <-queue:
			all = append(all, one)
		default:
			return all
		}
	}
	return all
}
