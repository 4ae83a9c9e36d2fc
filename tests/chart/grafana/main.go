// Reads a dashboard as Grafana's own schema has it: no key that Grafana does not know, none of a kind that it is not, none missing.
//
//	grafana FILE
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

func main() {
	text, err := os.ReadFile(os.Args[1])
	must(err)
	runtime := cog.NewRuntime()
	runtime.RegisterPanelcfgVariant(stat.VariantConfig())
	runtime.RegisterPanelcfgVariant(table.VariantConfig())
	runtime.RegisterPanelcfgVariant(timeseries.VariantConfig())
	runtime.RegisterDataqueryVariant(prometheus.VariantConfig())
	// Strictly it returns an error in any case, an empty one where nothing is wrong, and keeps no panels.
	if err := new(dashboard.Dashboard).UnmarshalJSONStrict(text); err != nil && err.Error() != "" {
		must(err)
	}
	board := dashboard.Dashboard{}
	must(json.Unmarshal(text, &board))
	must(board.Validate())
	check(len(board.Panels) > 0, "there are no panels")
	for _, item := range board.Panels {
		if item.Panel != nil {
			_, known := runtime.ConfigForPanelcfgVariant(item.Panel.Type)
			check(known, "panel `%s`: its options were not looked at, for nobody knows the type `%s` here", *item.Panel.Title, item.Panel.Type)
			for _, target := range item.Panel.Targets {
				_, known := target.(*prometheus.Dataquery)
				check(known, "panel `%s`: a query is none of Prometheus, but %T", *item.Panel.Title, target)
			}
		}
	}
}

func check(holds bool, otherwise string, about ...any) {
	if !holds {
		must(fmt.Errorf(otherwise, about...))
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
