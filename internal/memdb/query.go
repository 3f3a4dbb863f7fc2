package memdb

func query(c *call) *Error {
	in, err := c.readInput(func(in *input, v *constraints) {
		v.present("tableName", in.table != nil)
		v.oneOf("select", in.selects, selectNames...)
		v.between("limit", in.limit, 1, noBound)
	})
	if err != nil {
		return err
	}
	p := &page{in: in}
	if err := p.parse(); err != nil {
		return err
	}
	if p.keys == nil {
		return invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	return c.servePage(p)
}

func scan(c *call) *Error {
	in, err := c.readInput(func(in *input, v *constraints) {
		v.present("tableName", in.table != nil)
		v.oneOf("select", in.selects, selectNames...)
		v.between("limit", in.limit, 1, noBound)
		v.between("segment", in.segment, 0, 999999)
		v.between("totalSegments", in.segments, 1, 1000000)
	})
	if err != nil {
		return err
	}
	in.keyCondition, in.backward = nil, false
	if err := in.checkSegments(); err != nil {
		return err
	}
	p := &page{in: in, scan: true}
	if err := p.parse(); err != nil {
		return err
	}
	return c.servePage(p)
}

func (in *input) checkSegments() *Error {
	switch {
	case in.segment != nil && in.segments == nil:
		return invalid("The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
	case in.segment == nil && in.segments != nil:
		return invalid("The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
	case in.segment != nil && *in.segment >= *in.segments:
		return invalid("The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: " +
			itoa(int(*in.segment)) + " is not less than TotalSegments: " + itoa(int(*in.segments)))
	}
	return nil
}

// parse reads the expressions and checks them against Select.
func (p *page) parse() *Error {
	in := p.in
	text := ": FilterExpression and ProjectionExpression are null"
	if !p.scan {
		text = ": FilterExpression and KeyConditionExpression and ProjectionExpression are null"
	}
	if err := in.params.check(text, text, in.filter != nil || in.keyCondition != nil || in.projection != nil); err != nil {
		return err
	}
	if err := in.checkMaps(); err != nil {
		return err
	}
	if err := p.checkSelect(); err != nil {
		return err
	}
	var err *Error
	if in.projection != nil {
		if p.projection, err = parseProjection(*in.projection, &in.params); err != nil {
			return err
		}
	}
	if in.filter != nil {
		if p.filter, err = parseCondition("FilterExpression", *in.filter, &in.params); err != nil {
			return err
		}
	}
	if in.keyCondition != nil {
		if p.keys, err = parseKeyCondition(*in.keyCondition, &in.params); err != nil {
			return err
		}
	}
	return in.params.finish()
}

func (p *page) checkSelect() *Error {
	in := p.in
	switch s := given(in.selects); {
	case s == "COUNT" && in.projection != nil:
		return invalid("Cannot specify the ProjectionExpression when choosing to get only the Count")
	case (s == "ALL_ATTRIBUTES" || s == "ALL_PROJECTED_ATTRIBUTES") && in.projection != nil:
		return invalid("Cannot specify the ProjectionExpression when choosing to get " + s)
	case s == "SPECIFIC_ATTRIBUTES" && in.projection == nil:
		return invalid("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	case s == "ALL_PROJECTED_ATTRIBUTES" && in.index == nil:
		return invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
	}
	return nil
}
