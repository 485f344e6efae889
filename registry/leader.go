package registry

// Leader is the node that may write to a log which several nodes share.
type Leader struct {
	URL  string // scheme://host:port; "": there is none
	Self bool   // it is this node
	// Electing says that nobody is known to lead since an election is under way, or its outcome cannot be learned. Otherwise an
	// empty URL means that no node may lead.
	Electing bool
}

// Election says who leads.
type Election interface {
	// Leader returns who leads at this moment. changed is closed when somebody else may.
	Leader() (l Leader, changed <-chan struct{})
}
