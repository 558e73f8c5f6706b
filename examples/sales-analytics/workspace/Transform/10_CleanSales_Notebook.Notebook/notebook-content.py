# Fabric notebook source

# METADATA ********************

# META {
# META   "kernel_info": {
# META     "name": "synapse_pyspark"
# META   },
# META   "dependencies": {
# META     "lakehouse": {
# META       "default_lakehouse": "2c63888f-28f0-4481-be6d-dce7a7ace732",
# META       "default_lakehouse_name": "SILVER_Sales_Lakehouse",
# META       "default_lakehouse_workspace_id": "00000000-0000-0000-0000-000000000000",
# META       "known_lakehouses": [
# META         {
# META           "id": "2c63888f-28f0-4481-be6d-dce7a7ace732"
# META         },
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

# # Clean sales
#
# One row per order line. The newest delivery of an order wins, cancelled orders stay (finance counts them), and amounts
# are converted with the rate of the order's own day.

# PARAMETERS CELL ********************

days_back = 3
run_date = ""

# METADATA ********************

# META {
# META   "language": "python",
# META   "language_group": "synapse_pyspark"
# META }

# CELL ********************

from datetime import date, timedelta

from delta.tables import DeltaTable
from pyspark.sql import Window
from pyspark.sql import functions as F

last_day = date.fromisoformat(run_date) if run_date else date.today()
since = last_day - timedelta(days=int(days_back) - 1)

# METADATA ********************

# META {
# META   "language": "python",
# META   "language_group": "synapse_pyspark"
# META }

# CELL ********************

def newest(frame, *key):
    """The row of each key that was delivered last."""
    order = Window.partitionBy(*key).orderBy(F.col("day").desc(), F.col("_ingested_at").desc())
    return frame.withColumn("_rank", F.row_number().over(order)).where("_rank = 1").drop("_rank")


orders = newest(spark.table("BRONZE_Sales_Lakehouse.orders").where(F.col("day") >= F.lit(since)), "order_id")
lines = newest(
    spark.table("BRONZE_Sales_Lakehouse.order_lines").where(F.col("day") >= F.lit(since)), "order_id", "line_number"
)
products = newest(spark.table("BRONZE_Sales_Lakehouse.products"), "product_id")

# METADATA ********************

# META {
# META   "language": "python",
# META   "language_group": "synapse_pyspark"
# META }

# CELL ********************

# Rates are given as units of the currency for one euro, published on working days only: the last rate before the order
# counts for weekends and holidays.
rates = spark.table("BRONZE_Sales_Lakehouse.exchange_rates").select("rate_day", "currency", "per_euro")
by_day = Window.partitionBy("order_id").orderBy(F.col("rate_day").desc())
rated = (
    orders.alias("o")
    .join(
        rates.alias("r"),
        (F.col("o.currency") == F.col("r.currency")) & (F.col("r.rate_day") <= F.to_date("o.ordered_at")),
        "left",
    )
    .withColumn("_nearest", F.row_number().over(by_day))
    .where("_nearest = 1")
    .select("o.*", F.when(F.col("o.currency") == "EUR", F.lit(1)).otherwise(F.col("r.per_euro")).alias("per_euro"))
)

# METADATA ********************

# META {
# META   "language": "python",
# META   "language_group": "synapse_pyspark"
# META }

# CELL ********************

gross = F.col("quantity") * F.col("unit_price")
clean = (
    lines.join(rated, "order_id")
    .join(products.select("product_id", "category", "brand", F.col("name").alias("product_name")), "product_id", "left")
    .select(
        "order_id",
        "line_number",
        "customer_id",
        "product_id",
        "product_name",
        F.coalesce("category", F.lit("(unknown)")).alias("category"),
        F.coalesce("brand", F.lit("(unknown)")).alias("brand"),
        F.upper("country").alias("country"),
        F.to_date("ordered_at").alias("order_day"),
        "status",
        "quantity",
        F.round(gross / F.col("per_euro"), 2).alias("gross_amount"),
        F.round(gross * (1 - F.coalesce("discount", F.lit(0))) / F.col("per_euro"), 2).alias("net_amount"),
        F.lit("EUR").alias("currency"),
    )
)

# METADATA ********************

# META {
# META   "language": "python",
# META   "language_group": "synapse_pyspark"
# META }

# CELL ********************

target = "sales_lines"
if spark.catalog.tableExists(target):
    (
        DeltaTable.forName(spark, target)
        .alias("t")
        .merge(clean.alias("s"), "t.order_id = s.order_id AND t.line_number = s.line_number")
        .whenMatchedUpdateAll()
        .whenNotMatchedInsertAll()
        .whenNotMatchedBySourceDelete(f"t.order_day >= '{since}'")
        .execute()
    )
else:
    clean.write.format("delta").clusterBy("order_day").saveAsTable(target)

# METADATA ********************

# META {
# META   "language": "python",
# META   "language_group": "synapse_pyspark"
# META }
