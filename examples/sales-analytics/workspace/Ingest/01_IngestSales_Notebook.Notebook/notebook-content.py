# Fabric notebook source

# METADATA ********************

# META {
# META   "kernel_info": {
# META     "name": "synapse_pyspark"
# META   },
# META   "dependencies": {
# META     "lakehouse": {
# META       "default_lakehouse": "f6fadfa7-e5c1-4b62-9362-da5cc13da58a",
# META       "default_lakehouse_name": "BRONZE_Sales_Lakehouse",
# META       "default_lakehouse_workspace_id": "00000000-0000-0000-0000-000000000000",
# META       "known_lakehouses": [
# META         {
# META           "id": "f6fadfa7-e5c1-4b62-9362-da5cc13da58a"
# META         }
# META       ]
# META     },
# META     "environment": {
# META       "environmentId": "bc67ba94-637d-4efa-a09e-467ada679f81",
# META       "workspaceId": "00000000-0000-0000-0000-000000000000"
# META     }
# META   }
# META }

# MARKDOWN ********************

# # Ingest sales
#
# The web shop writes one folder per day: `orders`, `order_lines`, `products` and `exchange_rates`, as JSON lines. A day
# is written again when one of its orders changes, so every run reads the last days again and replaces them as a whole.

# PARAMETERS CELL ********************

# The pipeline sets these; the values here are for a run by hand.
days_back = 3
run_date = ""

# METADATA ********************

# META {
# META   "language": "python",
# META   "language_group": "synapse_pyspark"
# META }

# CELL ********************

from datetime import date, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

settings = notebookutils.variableLibrary.getLibrary("SalesSettings_VariableLibrary")
last_day = date.fromisoformat(run_date) if run_date else date.today()
days = [last_day - timedelta(days=back) for back in range(int(days_back))]

landing = f"abfss://a712755f-6cac-44d5-99d5-269512e74f7b@onelake.dfs.fabric.microsoft.com/ac8efe12-1c59-49f1-ba2d-de83458bfed0/Files/{settings.landing_folder}"

# METADATA ********************

# META {
# META   "language": "python",
# META   "language_group": "synapse_pyspark"
# META }

# CELL ********************

# Schemas are stated, not inferred: a field that the shop renames must fail here, not become a column of nulls.
ORDERS = T.StructType(
    [
        T.StructField("order_id", T.StringType(), nullable=False),
        T.StructField("customer_id", T.StringType()),
        T.StructField("ordered_at", T.TimestampType()),
        T.StructField("country", T.StringType()),
        T.StructField("currency", T.StringType()),
        T.StructField("status", T.StringType()),
    ]
)
ORDER_LINES = T.StructType(
    [
        T.StructField("order_id", T.StringType(), nullable=False),
        T.StructField("line_number", T.IntegerType(), nullable=False),
        T.StructField("product_id", T.StringType()),
        T.StructField("quantity", T.IntegerType()),
        T.StructField("unit_price", T.DecimalType(18, 4)),
        T.StructField("discount", T.DecimalType(5, 4)),
    ]
)
PRODUCTS = T.StructType(
    [
        T.StructField("product_id", T.StringType(), nullable=False),
        T.StructField("name", T.StringType()),
        T.StructField("category", T.StringType()),
        T.StructField("brand", T.StringType()),
    ]
)
EXCHANGE_RATES = T.StructType(
    [
        T.StructField("rate_day", T.DateType(), nullable=False),
        T.StructField("currency", T.StringType(), nullable=False),
        T.StructField("per_euro", T.DecimalType(18, 6)),
    ]
)

# METADATA ********************

# META {
# META   "language": "python",
# META   "language_group": "synapse_pyspark"
# META }

# CELL ********************

def read_days(kind: str, schema: T.StructType) -> DataFrame:
    """The files of all days, each row with the day it was delivered for and the file it came from."""
    folders = [f"{landing}/{kind}/day={day.isoformat()}" for day in days]
    paths = [folder for folder in folders if notebookutils.fs.exists(folder)]
    if not paths:
        raise FileNotFoundError(f"no {kind} under {landing} for {days[-1]} to {days[0]}")
    return (
        spark.read.schema(schema)
        .option("mode", "FAILFAST")
        .option("basePath", f"{landing}/{kind}")
        .json(paths)
        .withColumn("day", F.to_date("day"))
        .withColumn("_source_file", F.input_file_name())
        .withColumn("_ingested_at", F.current_timestamp())
    )


def replace_days(frame: DataFrame, table: str) -> int:
    """Replaces exactly the days that were read, in one transaction; a second run changes nothing."""
    first, last = min(days), max(days)
    (
        frame.write.format("delta")
        .mode("overwrite")
        .option("replaceWhere", f"day >= '{first}' AND day <= '{last}'")
        .partitionBy("day")
        .saveAsTable(table)
    )
    return spark.table(table).where(F.col("day").between(F.lit(first), F.lit(last))).count()

# METADATA ********************

# META {
# META   "language": "python",
# META   "language_group": "synapse_pyspark"
# META }

# CELL ********************

tables = {"orders": ORDERS, "order_lines": ORDER_LINES, "products": PRODUCTS, "exchange_rates": EXCHANGE_RATES}
counts = {name: replace_days(read_days(name, schema), name) for name, schema in tables.items()}
notebookutils.notebook.exit(str(counts))

# METADATA ********************

# META {
# META   "language": "python",
# META   "language_group": "synapse_pyspark"
# META }
