package rest

import "net/http"

// route is a path and what may be done with it. A segment * is a parameter.
type route struct {
	path    []string
	methods map[string]func(*call) error
}

type methods = map[string]func(*call) error

const param = "*"

// routes are the paths of the API, by the number of their segments in find. A literal goes before a parameter.
var routes = []route{
	{nil, methods{http.MethodGet: root, http.MethodPost: root}},

	{[]string{"schemas"}, methods{http.MethodGet: listSchemas}},
	{[]string{"schemas", "types"}, methods{http.MethodGet: listTypes}},
	{[]string{"schemas", "ids", param}, methods{http.MethodGet: getByID}},
	{[]string{"schemas", "ids", param, "schema"}, methods{http.MethodGet: getTextByID}},
	{[]string{"schemas", "ids", param, "subjects"}, methods{http.MethodGet: listSubjectsOfID}},
	{[]string{"schemas", "ids", param, "versions"}, methods{http.MethodGet: listVersionsOfID}},
	{[]string{"schemas", "guids", param}, methods{http.MethodGet: getByGUID}},
	{[]string{"schemas", "guids", param, "ids"}, methods{http.MethodGet: listIDsOfGUID}},

	{[]string{"subjects"}, methods{http.MethodGet: listSubjects}},
	{[]string{"subjects", param}, methods{http.MethodPost: lookup, http.MethodDelete: deleteSubject}},
	{[]string{"subjects", param, "metadata"}, methods{http.MethodGet: getByMetadata}},
	{[]string{"subjects", param, "versions"}, methods{http.MethodGet: listVersions, http.MethodPost: register}},
	{[]string{"subjects", param, "versions", param}, methods{http.MethodGet: getVersion, http.MethodDelete: deleteVersion}},
	{[]string{"subjects", param, "versions", param, "schema"}, methods{http.MethodGet: getVersionText}},
	{[]string{"subjects", param, "versions", param, "referencedby"}, methods{http.MethodGet: listReferrers}},
	{[]string{"subjects", param, "versions", param, "tags"}, methods{http.MethodPost: editTags}},

	{[]string{"compatibility", "subjects", param, "versions"}, methods{http.MethodPost: checkAll}},
	{[]string{"compatibility", "subjects", param, "versions", param}, methods{http.MethodPost: checkVersion}},

	{[]string{"config"}, methods{http.MethodGet: getConfig, http.MethodPut: putConfig, http.MethodDelete: deleteConfig}},
	{[]string{"config", param}, methods{http.MethodGet: getConfig, http.MethodPut: putConfig, http.MethodDelete: deleteConfig}},
	{[]string{"mode"}, methods{http.MethodGet: getMode, http.MethodPut: putMode, http.MethodDelete: deleteMode}},
	{[]string{"mode", param}, methods{http.MethodGet: getMode, http.MethodPut: putMode, http.MethodDelete: deleteMode}},

	{[]string{"associations"}, methods{http.MethodPost: createAssociations}},
	{[]string{"associations:batchGet"}, methods{http.MethodPost: batchGetAssociations}},
	{[]string{"associations:batchMutate"}, methods{http.MethodPost: batchMutateAssociations}},
	{[]string{"associations", "subjects", param}, methods{http.MethodGet: listAssociationsOfSubject}},
	{[]string{"associations", "resources", param}, methods{http.MethodGet: listAssociationsOfResource, http.MethodPut: putAssociations, http.MethodDelete: deleteAssociations}},
	{[]string{"associations", "resources", param, param}, methods{http.MethodGet: listAssociationsNamed}},

	{[]string{"contexts"}, methods{http.MethodGet: listContexts}},
	{[]string{"contexts", param}, methods{http.MethodDelete: deleteContext}},

	{[]string{"v1", "metadata", "id"}, methods{http.MethodGet: clusterID}},
	{[]string{"v1", "metadata", "version"}, methods{http.MethodGet: serverVersion}},
	{[]string{"v1", "metadata", "deployment"}, methods{http.MethodGet: deployment}},
}

// find returns what may be done with a path, and notes its parameters; nil when it is none of the API's.
func (c *call) find(segments []string) methods {
next:
	for i := range routes {
		r := &routes[i]
		if len(r.path) != len(segments) {
			continue
		}
		c.params = c.params[:0]
		for j, want := range r.path {
			if want == param {
				c.params = append(c.params, segments[j])
			} else if want != segments[j] {
				continue next
			}
		}
		c.matched = &routeNames[i]
		return r.methods
	}
	return nil
}

func root(c *call) error { return c.bytes([]byte("{}")) }

func clusterID(c *call) error {
	return c.json(map[string]any{"scope": map[string]any{
		"path":     []string{},
		"clusters": map[string]string{"kafka-cluster": c.o.ClusterID, "schema-registry-cluster": c.o.GroupID},
	}})
}

func serverVersion(c *call) error {
	return c.json(map[string]string{"version": c.o.Version, "commitId": ""})
}

func deployment(c *call) error { return c.bytes([]byte(`{"attributes":[]}`)) }
