package main

func (m maker) procedures() error { return nil }
