package deficiency_test

import (
	"strings"
	"testing"
	"time"

	"chartroom/internal/deficiency"
)

func TestReadSettings(t *testing.T) {
	s, err := deficiency.ReadSettings(strings.NewReader(`{"summary_days": 14, "sign_hours": 24, "progress_gap": 2}`))
	if err != nil || s.SummaryWithin != 14*24*time.Hour || s.SignWithin != 24*time.Hour || s.ProgressGap != 2 || s.CompleteWithin != 30*24*time.Hour {
		t.Errorf("%+v, %v", s, err)
	}
	for _, bad := range []string{`{"sumary_days": 14}`, `{"summary_days": 0}`, `[]`, `{"summary_days": "14"}`} {
		if _, err := deficiency.ReadSettings(strings.NewReader(bad)); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}
