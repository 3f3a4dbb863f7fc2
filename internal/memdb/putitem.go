package memdb

func putItem(c *call) *Error {
	in, err := c.readInput(func(in *input, v *constraints) {
		v.present("tableName", in.table != nil)
		v.present("item", in.item.given)
		v.oneOf("returnValues", in.returnValues, returnValueNames...)
		v.oneOf("returnValuesOnConditionCheckFailure", in.onFailure, onFailureNames...)
	})
	if err != nil {
		return err
	}
	w, err := in.parseOldOnly("Put")
	if err != nil {
		return err
	}
	return c.writeOne(in, w)
}

func deleteItem(c *call) *Error {
	in, err := c.readInput(func(in *input, v *constraints) {
		v.present("tableName", in.table != nil)
		v.present("key", in.key.given)
		v.oneOf("returnValues", in.returnValues, returnValueNames...)
		v.oneOf("returnValuesOnConditionCheckFailure", in.onFailure, onFailureNames...)
	})
	if err != nil {
		return err
	}
	w, err := in.parseOldOnly("Delete")
	if err != nil {
		return err
	}
	return c.writeOne(in, w)
}

// parseOldOnly is parseWrite for the writes that can return the old item alone.
func (in *input) parseOldOnly(kind string) (*itemWrite, *Error) {
	if r := given(in.returnValues); r != "" && r != "ALL_OLD" && r != "NONE" {
		return nil, invalid("ReturnValues can only be ALL_OLD or NONE")
	}
	in.update = nil
	return in.parseWrite(kind)
}

func updateItem(c *call) *Error {
	in, err := c.readInput(func(in *input, v *constraints) {
		v.present("tableName", in.table != nil)
		v.present("key", in.key.given)
		v.oneOf("returnValues", in.returnValues, returnValueNames...)
		v.oneOf("returnValuesOnConditionCheckFailure", in.onFailure, onFailureNames...)
	})
	if err != nil {
		return err
	}
	w, err := in.parseWrite("Update")
	if err != nil {
		return err
	}
	return c.writeOne(in, w)
}
