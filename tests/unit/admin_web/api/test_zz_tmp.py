import json, schemathesis, sys
sys.path.insert(0,'/work/main')
from hypothesis import given, settings, HealthCheck
def test_it(programs):
    programs.site.put("hanako","plan.txt")
    app = programs.site.app
    whole = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    op = whole["/api/v1/shares"]["POST"]
    prog = programs.of("hanako")
    seen=set()
    from schemathesis import GenerationMode
    @given(case=op.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    @settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def run(case):
        body = case.body
        a = prog.ask("POST","/shares", json=body)
        if a.status_code in (200,201,500) and str(a.status_code) not in seen:
            seen.add(str(a.status_code))
            print(str(a.status_code)[:300], json.dumps(body)[:600])
    run()
