# Microsoft's own exporter against the emulated Application Insights: what it sends is accepted, and arrives as it was meant.
# Takes the line that `emulator serve --tls` prints. Prints one line for each thing that holds.
import json
import os
import ssl
import sys
import urllib.request

places = json.loads(sys.argv[1])
os.environ["APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL"] = "true"
os.environ["REQUESTS_CA_BUNDLE"] = places["certificate_authority"]

from azure.monitor.opentelemetry.exporter import (
    AzureMonitorLogExporter,
    AzureMonitorMetricExporter,
    AzureMonitorTraceExporter,
)
from opentelemetry import trace
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

ingestion = places["appinsights"].rstrip("/")
settings = {
    "connection_string": "InstrumentationKey=11111111-2222-4333-8444-555555555555;"
    f"IngestionEndpoint={ingestion}/;LiveEndpoint={ingestion}/",
    "disable_offline_storage": True,
}

traces = TracerProvider()
traces.add_span_processor(BatchSpanProcessor(AzureMonitorTraceExporter(**settings)))
trace.set_tracer_provider(traces)
tracer = traces.get_tracer("interop")
logs = LoggerProvider()
logs.add_log_record_processor(BatchLogRecordProcessor(AzureMonitorLogExporter(**settings)))
meters = MeterProvider([PeriodicExportingMetricReader(AzureMonitorMetricExporter(**settings))])
counter = meters.get_meter("interop").create_counter("interop.count")

logger = logs.get_logger("interop")
with tracer.start_as_current_span("serve", kind=trace.SpanKind.SERVER) as served:
    with tracer.start_as_current_span("call", kind=trace.SpanKind.CLIENT) as call:
        call.set_attribute("http.request.method", "GET")
        call.set_attribute("url.full", "https://example.com/")
        call.set_attribute("http.response.status_code", 200)
        call.record_exception(ValueError("on purpose"))
    with tracer.start_as_current_span("work"):
        pass
    event = {"microsoft.custom_event.name": "InteropEvent", "answer": "42"}
    logger.emit(LogRecord(severity_number=SeverityNumber.INFO, body="event", attributes=event))
    logger.emit(LogRecord(severity_number=SeverityNumber.WARN, body="a message"))
counter.add(3, {"colour": "red"})
for provider in (traces, logs, meters):
    assert provider.force_flush(), provider
    provider.shutdown()

trusting = ssl.create_default_context(cafile=places["certificate_authority"])
with urllib.request.urlopen(f"{ingestion}/items", context=trusting) as answer:
    items = json.load(answer)["value"]
trace_id = format(served.get_span_context().trace_id, "032x")
span_id = format(served.get_span_context().span_id, "016x")


def found(base_type, **wanted):
    data = [item for item in items if item["data"]["baseType"] == base_type]
    data = [item for item in data if all(item["data"]["baseData"].get(name) == value for name, value in wanted.items())]
    assert len(data) == 1, (base_type, wanted, items)
    print(f"accepted from azure-monitor-opentelemetry-exporter: {base_type} {wanted}")
    return data[0]


assert found("RequestData", name="serve")["tags"]["ai.operation.id"] == trace_id
assert found("RemoteDependencyData", target="example.com")["tags"]["ai.operation.parentId"] == span_id
assert found("RemoteDependencyData", name="work")["data"]["baseData"]["type"] == "InProc"
assert found("EventData", name="InteropEvent")["tags"]["ai.operation.id"] == trace_id
found("MessageData", message="a message")
found("ExceptionData")
[metric] = found("MetricData", properties={"colour": "red"})["data"]["baseData"]["metrics"]
assert (metric["name"], metric["value"]) == ("interop.count", 3), metric
