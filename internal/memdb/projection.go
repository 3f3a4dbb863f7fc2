package memdb

// A projection is a checked ProjectionExpression.
type projection struct {
	paths []path
	tree  *pathTree
}

const projectionKind = "ProjectionExpression"

func parseProjection(text string, p *params) (*projection, *Error) {
	ps := newParser(projectionKind, text)
	out := &projection{paths: []path{ps.path()}}
	for ps.accept(',') {
		out.paths = append(out.paths, ps.path())
	}
	if err := ps.finish(); err != nil {
		return nil, err
	}
	for _, pa := range out.paths {
		if err := checkPathWords(projectionKind, pa); err != nil {
			return nil, err
		}
	}
	for _, pa := range out.paths {
		if err := p.resolvePath(projectionKind, pa); err != nil {
			return nil, err
		}
	}
	if err := checkPaths(projectionKind, out.paths); err != nil {
		return nil, err
	}
	out.tree = newPathTree(out.paths)
	return out, nil
}

// apply projects an item; no projection keeps all of it.
func (p *projection) apply(it item) item {
	if p == nil {
		return it
	}
	return p.tree.project(it)
}
